/**
 * The probability that a state was left out because its 64-bit fingerprint is that of another: every step that came to
 * a visited state may have come to one that only looks so. As TLC calculates it.
 */
export const omission = (states: number, transitions: number): number => (states * Math.max(transitions - states, 0)) / 2 ** 64
