const NODE_WIDTH = 248;
const WIDE_LABEL = 18; // letters; two wider ones do not fit side by side below a node
const BUTTON = 38; // pixels beside the words on a line that can be edited

/** How wide a text stands, in pixels; Chinese letters are twice as wide as Latin ones. */
const width = (text) => [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 12 : 6.4), 16);

/** Where the ways of a node leave its edge, in percent: at the ends when there are more than two. */
export function shareOf(index, many) {
  if (many < 2) return 50;
  const margin = many === 2 ? 22 : 10;
  return margin + (index / (many - 1)) * (100 - 2 * margin);
}

/**
 * In how many rows the labels below a node stand, so that they do not cover each other.
 *
 * `labels` are those of its ways in their order. On a drawing that is edited each carries its button, and
 * ways that lead nowhere have a label too.
 */
export function levelsOf(labels, editable) {
  const many = labels.length;
  if (!editable) return many > 2 || (many === 2 && labels.some((label) => label.length > WIDE_LABEL)) ? 2 : 1;
  if (many < 2) return 1;
  const apart = (NODE_WIDTH * (shareOf(1, many) - shareOf(0, many))) / 100;
  const widest = Math.max(...labels.map((label) => Math.min(width(label), 140) + BUTTON));
  return Math.min(4, Math.ceil(widest / apart));
}
