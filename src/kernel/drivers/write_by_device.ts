import type { Access, Cell } from '../../engine/model/memory.js'
import { kernel } from '../kernel.js'

/** Part of a step: a device or guest writes to a page by what it has for an address, not by a pin. */
export function write_by_device(m: Access, content: Cell, value: number): void {
  for (const observer of kernel().observers) observer.deviceStores?.(m, content, value)
  m.set(content, value)
}
