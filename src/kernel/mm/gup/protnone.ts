import { FOLL_FORCE } from '../../include/gup_flags.js'

/** include/linux/mm.h:gup_can_follow_protnone. Only FOLL_FORCE looks past a NUMA hint. */
export const gup_can_follow_protnone = (flags: number): boolean => (flags & FOLL_FORCE) !== 0
