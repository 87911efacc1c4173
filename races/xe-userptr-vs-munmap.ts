import { holds, race, violates, xe, xe_exec_ioctl } from 'mmrace'
import { rogueGpu, userptrVsMunmap } from './scenes/userptr.js'

const munmapped = userptrVsMunmap(xe, xe_exec_ioctl, 'exec, GPU')

export default race({
  ...munmapped,
  name: 'xe-userptr-vs-munmap',
  title: 'munmap() of memory that a GPU uses: is it out of the IOMMU when the notifier has returned?',
  seed: 'S4',
  bug: 'I3',
  references: [
    'ba767b9d01a2 drm/xe/userptr: Unmap userptrs in the mmu notifier',
    '0a98219bcc96 drm/xe/hmm: Don\'t dereference struct page pointers without notifier lock',
  ],
  cpus: { ...munmapped.cpus, 'rogue GPU': rogueGpu },
  variants: {
    fixed: {
      apply: ['0a98219bcc96', 'ba767b9d01a2', 'rogue-device'],
      expect: holds,
      because: 'since 6.14 the callback does not return before the IOMMU has forgotten the page',
    },
    bug: {
      revert: ['ba767b9d01a2'],
      apply: ['0a98219bcc96', 'rogue-device'],
      expect: violates('O11', 'all'),
      because: 'the IOMMU maps the page until the object is bound again, and nothing else stops the command',
    },
    'maps-late': {
      revert: ['0a98219bcc96'],
      apply: ['ba767b9d01a2', 'rogue-device'],
      expect: violates('O11', 'all'),
      because: 'what was looked up before the callback is mapped after it',
    },
    trusted: {
      revert: ['ba767b9d01a2'],
      apply: ['0a98219bcc96'],
      expect: holds,
      because: 'a device that obeys its own page tables has nothing to do once its fences are signalled',
    },
  },
})
