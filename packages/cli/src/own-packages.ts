import * as nodeModule from 'node:module'

/**
 * Lets a module of the user import `@tsws/http` and the other packages of this command, where its
 * own folder does not have them: a file beside a built site has no `node_modules`. What is installed
 * there goes first. Before Node 22.15 there is no such hook, and the packages must be installed.
 */
export function offerOwnPackages(): void {
  if (typeof nodeModule.registerHooks !== 'function') return
  nodeModule.registerHooks({
    resolve(specifier, context, nextResolve) {
      if (!specifier.startsWith('@tsws/')) return nextResolve(specifier, context)
      try {
        return nextResolve(specifier, context)
      } catch (error) {
        if (!isNotFound(error)) throw error
        return nextResolve(specifier, { ...context, parentURL: import.meta.url })
      }
    },
  })
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}
