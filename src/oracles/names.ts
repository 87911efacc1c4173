/** What a violation of each oracle is called. A file of its own: the page names them, and does not run them. */
export const ORACLE_NAMES = {
  O1: 'stale access',
  O2: 'use after free',
  O3: 'table used after free',
  O4: 'GUP returned a page that was never there',
  O5: 'pinned page replaced',
  O6: 'lost write',
  O7: 'lost dirty bit',
  O8: 'private memory shared',
  O9: 'wrong count',
  O10: 'notifier contract',
  O11: 'device not quiet',
  O12: 'lock order',
  O13: 'broken structure',
  O14: 'two translations',
  O15: 'file changed under a pin',
  O16: 'device memory used after it is gone',
  O17: 'livelock',
  O18: 'protection lost',
  BBM: 'no break before make',
} as const

/** The name of an oracle of ours: `lost write` for O6. */
export const nameOfOracle = (id: string): string | undefined => (Object.hasOwn(ORACLE_NAMES, id) ? ORACLE_NAMES[id as keyof typeof ORACLE_NAMES] : undefined)
