/** @file Whether the window is as narrow as a phone's, where the parts of a room lie below one another. */

import { MediaQuery } from 'svelte/reactivity';

export const narrow = new MediaQuery('max-width: 700px');
