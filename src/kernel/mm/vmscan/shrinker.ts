import type { Steps } from '../../../engine/model/step.js'

/**
 * struct shrinker: somebody who can give memory back when he is asked to. Those of a kernel are registered at set-up, the LRU
 * lists first; with none of them memory is never short.
 */
export interface Shrinker {
  /** `gfp`: what the allocation that needs the memory allows. */
  scan_objects(gfp: number): Steps<unknown>
}
