/*
 * Work that is done one at a time, such as reading what a part shows. What is
 * under way may have begun before that happened for which it is asked again:
 * so it is done once more after it, and whoever asks meanwhile shares that one.
 */
export function oneAtATime(work) {
    let running = null;
    let queued = null;

    return function again() {
        if (!running) {
            running = work().finally(() => { running = null; });
            return running;
        }
        queued ??= running.catch(() => {}).then(() => {
            queued = null;
            return again();
        });
        return queued;
    };
}
