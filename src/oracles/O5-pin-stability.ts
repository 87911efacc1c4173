import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { pinsOf } from './pins.js'
import { translate, watchTables } from './translate.js'

/** SYSTEMS: a pinned page stays where it was pinned. */
export const O5: Oracle = {
  id: 'O5',
  name: ORACLE_NAMES.O5,
  text: `While a FOLL_PIN on an anonymous page taken through an address is held, and the address space did not unmap that
address itself, another page comes to be mapped there: by copy-on-write, collapse, swap, migration or KSM. Holder and
owner then look at different memory.`,
  install(kernel) {
    const pins = pinsOf(kernel)
    watchTables(kernel, (m) => {
      for (const { mm, address, pfn, stays } of pins.list(m)) {
        if (!stays) continue
        const now = translate(m, kernel, mm, address)
        if (now && now.page.pfn !== pfn) {
          m.violate('O5', `page ${pfn} is pinned at address ${address}, but page ${now.page.pfn} is mapped there now`)
        }
      }
    })
    return undefined
  },
}
