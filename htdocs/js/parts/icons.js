/*
 * The pictures of the pages, as paths on a 20 × 20 grid in the colour of the
 * text. They say nothing that the words beside them do not say.
 */

const paths = {
    info: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM10 9.2v4.3' +
        'M10 6.4v.2',
    warn: 'M8.8 3.4 2.2 14.9a1.4 1.4 0 0 0 1.2 2.1h13.2a1.4 1.4 0 0 0 ' +
        '1.2-2.1L11.2 3.4a1.4 1.4 0 0 0-2.4 0ZM10 7.6v3.6M10 13.9v.1',
    good: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15Z' +
        'M6.8 10.2l2.3 2.3 4.2-4.8',
    bad: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15Z' +
        'M7.6 7.6l4.8 4.8M12.4 7.6l-4.8 4.8',
    busy: 'M17 10a7 7 0 1 1-4.6-6.6',
    more: 'M7.5 4.5 13 10l-5.5 5.5',
    choose: 'M6.5 8 10 4.5 13.5 8M6.5 12l3.5 3.5 3.5-3.5',
    tick: 'M4.5 10.5 8 14l7.5-8',
    coin: 'M10 16.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM10 7l3 3-3 3-3-3Z',
    close: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
};

export function icon(name, size = 20) {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    const path = document.createElementNS(space, 'path');
    for (const [key, value] of Object.entries({
        viewBox: '0 0 20 20', width: size, height: size, fill: 'none',
        stroke: 'currentColor', 'stroke-width': 1.6,
        'stroke-linecap': 'round', 'stroke-linejoin': 'round',
        'aria-hidden': 'true',
    }))
        svg.setAttribute(key, value);
    if (name === 'busy')
        svg.classList.add('spin');
    path.setAttribute('d', paths[name]);
    svg.append(path);
    return svg;
}
