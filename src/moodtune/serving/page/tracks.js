// A track's title and artist as they can be shown: never nothing, and always text.

import { texts } from "./texts.js";

export const called = (track) => track.title || texts.row.untitled;
export const byWhom = (track) => track.artist || texts.row.unknownArtist;
