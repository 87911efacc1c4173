import type { FlushRange } from '../../../machine/flush.js'
import type { MmContext } from '../../../machine/mm-context.js'
import type { Steps } from '../../../engine/model/step.js'
import { kernel } from '../../kernel.js'
import { arch_invalidate_secondary_tlbs } from '../../mm/mmu_notifier.js'

/** What 6bbd42e2df8f adds to the end of every flush. */
export function* flush_with_cpus(context: MmContext, range: FlushRange): Steps {
  const mm = kernel().mms.deref(kernel().mms.objects.findIndex((of) => of.context === context) + 1)
  yield* arch_invalidate_secondary_tlbs(mm, range.start, range.end)
}
