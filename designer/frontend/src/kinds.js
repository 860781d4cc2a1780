/** The kinds whose name or help has all the words, in their groups. */
export function grouped(kinds, query) {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const groups = [];
  for (const kind of kinds) {
    const text = `${kind.label} ${kind.help || ""} ${kind.kind} ${kind.group_label || ""}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const last = groups[groups.length - 1];
    if (last?.id === kind.group) last.kinds.push(kind);
    else groups.push({ id: kind.group, label: kind.group_label || "", kinds: [kind] });
  }
  return groups;
}

/** How well a name answers to what was typed: as a whole, from its beginning, from a word's beginning. */
function fit(kind, query) {
  const label = kind.label.toLowerCase();
  if (label === query) return 0;
  if (label.startsWith(query)) return 1;
  if (label.split(/\s+/).some((word) => word.startsWith(query))) return 2;
  return label.includes(query) ? 3 : 4;
}

/** Of those that are offered, the one that Enter takes. */
export function best(kinds, query) {
  const typed = query.trim().toLowerCase();
  return typed ? kinds.reduce((one, other) => (fit(other, typed) < fit(one, typed) ? other : one), kinds[0]) : kinds[0];
}
