/**
 * How many steps, calls and other requests have been made. Model code that makes one and does not ask for it has forgotten a
 * `yield*`: whoever runs it compares.
 */
export const made: { count: number; refused: Error | undefined } = { count: 0, refused: undefined }

/** Refuses what model code does. It may catch what is thrown: whoever runs it looks here too. */
export function refuse(error: Error): never {
  made.refused = error
  throw error
}
