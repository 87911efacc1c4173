/** Whether a race is named by a file of the user's, not by its name. */
export const isFile = (nameOrFile: string): boolean => /\.[cm]?[jt]s$/.test(nameOrFile)
