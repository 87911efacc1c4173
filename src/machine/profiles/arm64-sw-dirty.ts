import type { ProfileFacts } from '../profile.js'
import { arm64 } from './arm64.js'

/** arm64 on a CPU without FEAT_HAFDBS: `arch/arm64/include/asm/cpufeature.h:cpu_has_hw_af`, and DBM. */
export const arm64SwDirty: ProfileFacts = {
  ...arm64,
  name: 'arm64-sw-dirty',
  title: 'arm64 without FEAT_HAFDBS: as arm64, and access and dirty bits are set by faults',
  hardwareAccessed: false,
  hardwareDirty: false,
}
