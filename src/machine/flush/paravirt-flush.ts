import { atomic, load, type Steps } from '../../engine/model/step.js'
import { this_cpu } from '../cpu.js'
import type { FlushRange } from '../flush.js'
import type { MmContext } from '../mm-context.js'

/**
 * The flush by hypervisor: a preempted virtual CPU only gets a flag and flushes before it runs again, others are
 * flushed from outside. As any virtual CPU may be preempted at any time, with interrupts off as well, the sender waits
 * for nobody. `arch/x86/kernel/kvm.c:kvm_flush_tlb_multi`, `arch/x86/xen/mmu_pv.c:xen_flush_tlb_multi`.
 */
export function* paravirt_flush(mm: MmContext, range: FlushRange): Steps {
  const { machine } = yield* this_cpu()
  const mask = yield* load(mm.cpumask, { label: 'mm_cpumask(mm)' })
  yield* atomic('hypervisor flushes TLBs', (m) => {
    for (const cpu of machine.cpus) {
      if (mask & cpu.bit && m.get(cpu.loaded_mm) === mm.id) machine.tlb?.drop(m, cpu, mm, range, true)
    }
  })
}
