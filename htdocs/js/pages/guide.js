/*
 * The frame of pages that are for everybody (the guide, the problem pages):
 * the header of the member who is signed in, or the way to sign in.
 */

import { openFrame } from '../parts/frame.js';

await openFrame({ guests: true });
