import { change, FOLL_GET, original, try_grab_folio } from 'mmrace'

export default change({
  id: 'plain-reference',
  title: 'GUP takes a plain reference where it should pin',
  replace: [[try_grab_folio, function* (page, refs) {
    return yield* original(try_grab_folio)(page, refs, FOLL_GET)
  }]],
})
