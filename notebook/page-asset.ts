/** What pages are made of beside their text: the build's style sheet and script. */
import { readFileSync } from 'node:fs';
import { built } from '../kernel/built.js';
import { messages } from './messages.js';

/** @throws SetupError when the build left it out */
export function pageAsset(name: string): string {
  const path = built(`notebook/assets/${name}`);
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw messages.noAsset(path);
  }
}
