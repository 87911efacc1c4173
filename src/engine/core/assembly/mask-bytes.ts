/** Bytes of the mask that is kept with each visited state. */
export let maskBytes: usize = 0

export function setMaskBytes(bytes: usize): void {
  maskBytes = bytes
}
