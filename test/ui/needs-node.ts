import { basename } from 'node:path'
import { holds, race } from 'mmrace'
import { thpCollapse } from '../../races/scenes/thp-collapse.js'

/** A race that cannot be had where there is no Node. */
export default race({
  name: basename('needs-node'),
  title: 'a file that imports more than mmrace',
  ...thpCollapse,
  variants: { fixed: { expect: holds }, bug: { revert: ['70cbc3cc78a9', '2ba99c5e0881'], expect: holds } },
})
