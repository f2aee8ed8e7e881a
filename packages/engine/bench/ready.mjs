/** Waits until the server at `url` gives the answer of every bench here. */
export async function ready(url) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const text = await fetch(url).then(
      (response) => response.text(),
      () => null,
    )
    if (text === 'Hello, World!') return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the server gives no right answer')
}
