/*
 * Runs before the first paint, so that a return from the payment page has its
 * room from the beginning and nothing jumps. The only script that is not a
 * module, because modules run after the first paint. Keep it this small.
 */
if (new URLSearchParams(location.search).get('order'))
    document.documentElement.classList.add('returning');
