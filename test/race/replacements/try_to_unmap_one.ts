import { change, original, PG_dirty, try_to_unmap_one } from 'mmrace'
import { clearBits } from 'mmrace/engine'

export default change({
  id: 'drop-dirty',
  title: 'reclaim forgets that a page was written to',
  replace: [[try_to_unmap_one, function* (folio, vma, address, flags) {
    const done = yield* original(try_to_unmap_one)(folio, vma, address, flags)
    yield* clearBits(folio.flags, PG_dirty)
    return done
  }]],
})
