import type { FnInfo } from '../model/fn.js'

/**
 * The stack as a kernel reader knows it: model code splits long functions into helpers, which stand in the same file
 * after the function itself.
 */
export function callPath(frames: readonly { readonly fn: FnInfo }[]): string[] {
  const calls: { name: string; file: string | undefined }[] = []
  for (const { fn } of frames) {
    const top = calls[calls.length - 1]
    if (top && fn.file !== undefined && top.file === fn.file) continue
    calls.push({ name: fn.name, file: fn.file })
  }
  return calls.map((call) => call.name)
}
