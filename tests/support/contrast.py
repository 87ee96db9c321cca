"""A measure of contrast in a page, by WCAG 2.2, success criterion 1.4.3."""

CONTRAST = r"""
() => {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1
  const pen = canvas.getContext('2d', {willReadFrequently: true})
  const rgba = color => {
    pen.clearRect(0, 0, 1, 1)
    pen.fillStyle = color
    pen.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data
    return [r, g, b, a / 255]
  }
  const over = ([r, g, b, a], below) => [r, g, b].map((c, i) => c * a + below[i] * (1 - a))
  const linear = c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4
  const luminance = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255)
  const seen = (node, own) => {
    if (!node.data.trim() || own.closest('style, script, noscript, :disabled')) return false
    const range = document.createRange()
    range.selectNodeContents(node)
    const {width, height} = range.getBoundingClientRect()
    return width > 2 && height > 2 && own.checkVisibility({opacityProperty: true, visibilityProperty: true})
  }
  const ratio = own => {
    const line = []
    for (let one = own; one; one = one.parentElement) line.unshift(one)
    let back = [255, 255, 255], opacity = 1
    for (const one of line) {
      const style = getComputedStyle(one)
      back = over(rgba(style.backgroundColor), back)
      opacity *= style.opacity
    }
    const [r, g, b, a] = rgba(getComputedStyle(own).color)
    const both = [luminance(over([r, g, b, a * opacity], back)), luminance(back)]
    return (Math.max(...both) + .05) / (Math.min(...both) + .05)
  }
  const found = {}
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const node = walk.currentNode, own = node.parentElement
    if (seen(node, own) && ratio(own) < 4.5) found[node.data.trim().slice(0, 40)] = +ratio(own).toFixed(2)
  }
  return found
}
"""
"""Texts whose contrast with what is behind them is below 4.5 to 1, with that contrast.

Disabled controls are left out, as the criterion does; backgrounds and opacities of all ancestors count.
"""
