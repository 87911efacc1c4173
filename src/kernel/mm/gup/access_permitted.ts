import { type Pmd, pmd_present, type Pte, pte_access_permitted, pte_present, pte_write } from '../../include/pgtable.js'
import { kernel } from '../../kernel.js'

/** include/linux/pgtable.h:pte_access_permitted, or the architecture's own. */
export const access_permitted = (pte: Pte, write: boolean): boolean =>
  (kernel().profile.presentIsPermitted ? pte_present(pte) && (!write || pte_write(pte)) : pte_access_permitted(pte, write))

/** include/linux/pgtable.h:pmd_access_permitted, or the architecture's own. */
export const pmd_access_permitted = (pmd: Pmd, write: boolean): boolean =>
  (kernel().profile.presentIsPermitted ? pmd_present(pmd) && (!write || pte_write(pmd)) : pte_access_permitted(pmd, write))
