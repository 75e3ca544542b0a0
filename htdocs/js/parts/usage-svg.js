/*
 * Elements of inline SVG. Lengths are attributes, not styles: the policy of
 * the pages forbids inline style.
 */

const space = 'http://www.w3.org/2000/svg';

/* svg('rect', { x: 1, width: '50%' }, …children) */
export function svg(tag, attributes = {}, ...children) {
    const element = document.createElementNS(space, tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== null && value !== undefined && value !== false)
            element.setAttribute(name, String(value));
    }
    element.append(...children.flat().filter(Boolean));
    return element;
}

/* A bar from the left, out of parts: [[class, share in hundredths], …] */
export function strip(kind, parts) {
    let from = 0;
    const rects = [];
    for (const [name, share] of parts) {
        if (share > 0)
            rects.push(svg('rect', { class: name, x: `${from}%`,
                width: `${Math.min(share, 100 - from)}%`, height: '100%' }));
        from = Math.min(100, from + share);
    }
    return svg('svg', { class: kind, 'aria-hidden': 'true' }, rects);
}
