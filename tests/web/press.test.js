/*
 * That what is read waits while something is being pressed, and no longer: by
 * the events that a browser sends, which the test sends itself.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const heard = {};
globalThis.addEventListener = (name, act) => { heard[name] = act; };
const { patient } = await import('../../htdocs/js/parts/press.js');

const send = (name, event = {}) => heard[name]({ button: 0,
    pointerType: 'mouse', key: null, target: { localName: 'button' }, ...event });
const touch = { pointerType: 'touch' };
const space = { key: ' ' };

/* A reading that says whether it has come. */
function reading(answer = Promise.resolve('answer')) {
    const state = { come: false };
    state.done = patient({ get: () => answer }).get('path').finally(() => {
        state.come = true;
    });
    return state;
}

for (const [what, ...events] of [
    ['nothing is pressed'],
    ['the mouse is released', ['pointerdown'], ['pointerup']],
    ['the other button of the mouse is pressed', ['pointerdown', { button: 2 }]],
    ['a tap has clicked', ['pointerdown', touch], ['pointerup', touch], ['click', touch]],
    ['a touch became a scroll', ['pointerdown', touch], ['pointercancel', touch]],
    ['the space bar is released', ['keydown', space], ['keyup', space]],
    ['another key is down', ['keydown', { key: 'Enter' }]],
    ['a list that the space bar opened is chosen from', ['keydown', space],
        ['change', { target: { localName: 'select' } }]],
])
    test(`a reading comes when ${what}`, async () => {
        for (const event of events)
            send(...event);
        const one = reading();
        await sleep(50);
        assert.ok(one.come);
        assert.equal(await one.done, 'answer');
    });

for (const [what, down, up] of [
    ['the mouse', ['pointerdown'], ['pointerup']],
    ['a finger', ['pointerdown', touch], ['pointercancel', touch]],
    ['the space bar', ['keydown', space], ['keyup', space]],
])
    test(`it waits for ${what}, and comes after the click`, async () => {
        send(...down);
        const one = reading();
        const failing = reading(Promise.reject(new Error('refused')));
        failing.done.catch(() => {});
        await sleep(50);
        assert.ok(!one.come && !failing.come);
        send(...up);
        assert.ok(!one.come);
        send('click');
        await Promise.resolve();
        assert.ok(!one.come, 'not within the click');
        assert.equal(await one.done, 'answer');
        await assert.rejects(failing.done, /refused/);
    });

test('between a tap and its click it waits, but not for a click that never comes', async () => {
    send('pointerdown', touch);
    const one = reading();
    send('pointerup', touch);
    await sleep(100);
    assert.ok(!one.come);
    await one.done;
});

test('a second press is waited for, too', async () => {
    send('pointerdown');
    const one = reading();
    send('pointerup');
    send('pointerdown');
    await sleep(50);
    assert.ok(!one.come);
    send('pointerup');
    await one.done;
});

test('a text that was changed is no release of the mouse', async () => {
    send('pointerdown');
    send('change', { target: { localName: 'input' } });
    const one = reading();
    await sleep(50);
    assert.ok(!one.come);
    send('pointerup');
    await one.done;
});

test('what an action reads comes at once', async () => {
    send('pointerdown');
    assert.equal(await patient({ get: async () => 'now' }).getNow('path'), 'now');
    send('pointerup');
});
