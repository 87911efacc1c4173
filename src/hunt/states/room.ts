/** Enough for a fork, a copy of every page, and what splitting a mapping takes. What runs out is given more. */
export const ROOM = {
  nodes: 2, pages: 4, hugePages: 1, swapSlots: 3, tables: 4, mms: 2, vmas: 6, anonVmas: 3, anonVmaChains: 8,
} as const

export const FILE_ROOM = { ...ROOM, files: 1 } as const

/** For memory of a driver's own. */
export const DRIVER_ROOM = { files: 1, pages: 3, tables: 3, vmas: 4, mms: 2, anonVmas: 1, anonVmaChains: 2 } as const
