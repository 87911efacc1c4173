/** The ways to search. A file of its own: the page names them, and does not search. */
export const STRATEGIES = ['exhaustive', 'shortest', 'fewest-preemptions', 'random', 'pct'] as const
export type Strategy = (typeof STRATEGIES)[number]
