import { amdgpu_2018, amdgpu_cs_ioctl_2018, holds, race, violates } from 'mmrace'
import { userptrTruncate } from './scenes/userptr-truncate.js'

export default race({
  ...userptrTruncate(amdgpu_2018, amdgpu_cs_ioctl_2018),
  name: 'amdgpu-2018-dirty-vs-truncate',
  title: 'amdgpu of 2018 marks pages as dirty in the notifier, before the mapping goes: is that early enough?',
  seed: 'S4',
  question: 'Q23',
  references: ['drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c of 4.17:amdgpu_mn_invalidate_node'],
  oracles: ['O2', 'O11', 'O13', 'O15'],
  variants: {
    fixed: { apply: ['amdgpu-2018-dirty-trylock'], expect: holds, because: 'who truncates has the lock of the page, and the notifier sees it' },
    '4.17': {
      expect: violates('O15', 'all'),
      because: 'the entry is still there, but another thread may truncate the file: entries do not keep a page in it',
    },
  },
})
