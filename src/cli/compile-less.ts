import { setFlagsFromString } from 'node:v8'

const LESS = ['--interrupt-budget=500000', '--max-inlined-bytecode-size-cumulative=300']

/**
 * Thousands of functions run for a second or two: compiling each as soon as it seems hot, with all that it calls, takes
 * more time than it saves. For all threads, of what is compiled from now on.
 */
export function compileLess(): void {
  for (const flag of LESS) setFlagsFromString(flag)
}
