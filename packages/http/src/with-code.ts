/** Gives an error the stable name by which programs know it. */
export function withCode<E extends Error>(error: E, code: string): E & { readonly code: string } {
  return Object.assign(error, { code })
}
