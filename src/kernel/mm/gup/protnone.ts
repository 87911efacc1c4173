import { FOLL_FORCE } from '../../include/gup_flags.js'
import { kernel } from '../../kernel.js'

/**
 * include/linux/mm.h:gup_can_follow_protnone. Only FOLL_FORCE looks past a NUMA hint. Without NUMA balancing pte_protnone() holds
 * for nothing, so that who does not ask the VMA for permission finds what PROT_NONE hides.
 */
export const gup_can_follow_protnone = (flags: number): boolean =>
  (flags & FOLL_FORCE) !== 0 || !kernel().profile.numaBalancing
