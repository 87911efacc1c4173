import type { Steps } from '../../engine/model/step.js'
import type { Mm } from '../include/mm.js'

/* mm/mmu_notifier.c. Nobody subscribes yet: calls take no step. */
export function* mmu_notifier_invalidate_range_start(_mm: Mm, _start: number, _end: number): Steps {}
export function* mmu_notifier_invalidate_range_end(_mm: Mm, _start: number, _end: number): Steps {}
export function* mmu_notifier_invalidate_range(_mm: Mm, _start: number, _end: number): Steps {}
