import { holds, race, violates, xe, xe_exec_ioctl } from 'mmrace'
import { userptrVsMunmap } from './scenes/userptr.js'

export default race({
  ...userptrVsMunmap(xe, xe_exec_ioctl, 'exec, GPU'),
  name: 'xe-sg-vs-munmap',
  title: 'xe builds its sg table from pages that hmm_range_fault() found, of which it holds no reference',
  seed: 'S4',
  references: ['0a98219bcc96 drm/xe/hmm: Don\'t dereference struct page pointers without notifier lock'],
  variants: {
    fixed: {
      apply: ['0a98219bcc96', 'ba767b9d01a2'],
      expect: holds,
      because: 'with the notifier lock held and the sequence unchanged the CPU still maps the page',
    },
    bug: {
      revert: ['0a98219bcc96'],
      apply: ['ba767b9d01a2'],
      expect: violates('O2', 'all'),
      because: 'a munmap has freed the page before its struct page is looked at',
    },
    'no-recheck': {
      apply: ['0a98219bcc96', 'ba767b9d01a2', 'mutant-xe-no-recheck'],
      expect: violates('O2', 'all'),
      because: 'the lock alone does not say that nothing happened before it was taken',
    },
  },
})
