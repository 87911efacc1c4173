const MODEL_CODE = /^(src\/(machine|kernel|oracles)|races|bench|docs\/examples|test)\//

/** Whether a module of this package is instrumented. `file` is relative to the package, with slashes. */
export const holdsModelCode = (file: string, code: string): boolean => MODEL_CODE.test(file) && code.includes('yield*')
