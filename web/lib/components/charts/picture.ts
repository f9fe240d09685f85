// A card as a picture: what is seen of it is drawn again on a canvas, shapes and words with the colours and fonts that they have on the
// page, so that it is the same in both themes and in every script. Parts with `data-picture="no"` (buttons) are left out.

const MARGIN = 16
const CAPTION = 24

/**
 * A PNG of the element, twice as fine as the page at least. `caption` is written below: a picture travels without the page around it.
 * @throws where the browser gives no picture
 */
export async function pictureOf(element: HTMLElement, caption: string): Promise<Blob> {
  await document.fonts.ready
  const box = element.getBoundingClientRect()
  const canvas = document.createElement('canvas')
  const scale = Math.max(2, devicePixelRatio)
  canvas.width = Math.ceil(box.width * scale)
  canvas.height = Math.ceil((box.height + CAPTION) * scale)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser draws no pictures.')
  const toCanvas = new DOMMatrix().scale(scale).translate(-box.left, -box.top)
  context.setTransform(toCanvas)
  const style = getComputedStyle(element)
  context.fillStyle = style.backgroundColor
  context.fillRect(box.left, box.top, box.width, box.height + CAPTION)
  for (const child of element.children) drawElement(context, child, toCanvas)
  context.textAlign = 'left'
  context.font = fontOf(style, 12)
  context.fillStyle = style.color
  context.fillText(caption, box.left + MARGIN, box.bottom + CAPTION - 12)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be made.'))), 'image/png'),
  )
}

type Pen = CanvasRenderingContext2D

function drawElement(pen: Pen, element: Element, toCanvas: DOMMatrix): void {
  const style = getComputedStyle(element)
  const unseen = style.display === 'none' || style.visibility === 'hidden' || style.clipPath !== 'none'
  if (unseen || element.matches('[data-picture="no"]')) return
  if (element instanceof SVGGraphicsElement && !(element instanceof SVGSVGElement))
    drawShape(pen, element, style, toCanvas)
  else if (element instanceof HTMLElement) drawBox(pen, element.getBoundingClientRect(), style)
  const clips = element instanceof HTMLElement && style.overflowX !== 'visible'
  if (clips) {
    const { left, top, width, height } = element.getBoundingClientRect()
    pen.save()
    pen.beginPath()
    pen.rect(left, top, width, height)
    pen.clip()
  }
  for (const child of element.childNodes) {
    if (child instanceof Element) drawElement(pen, child, toCanvas)
    else if (child instanceof Text && element instanceof HTMLElement) drawWords(pen, child, style)
  }
  if (clips) pen.restore()
}

/** Ground and the lines above and below: what tables and bars have. */
function drawBox(pen: Pen, { left, top, right, bottom, width, height }: DOMRect, style: CSSStyleDeclaration): void {
  pen.fillStyle = style.backgroundColor
  pen.beginPath()
  pen.roundRect(left, top, width, height, [
    parseFloat(style.borderTopLeftRadius),
    parseFloat(style.borderTopRightRadius),
    parseFloat(style.borderBottomRightRadius),
    parseFloat(style.borderBottomLeftRadius),
  ])
  pen.fill()
  const line = (size: string, colour: string, y: number) => {
    if (!parseFloat(size)) return
    pen.fillStyle = colour
    pen.fillRect(left, y, right - left, parseFloat(size))
  }
  line(style.borderTopWidth, style.borderTopColor, top)
  line(style.borderBottomWidth, style.borderBottomColor, bottom - parseFloat(style.borderBottomWidth))
}

/** Words of a text node where they stand, line by line. */
function drawWords(pen: Pen, node: Text, style: CSSStyleDeclaration): void {
  pen.font = fontOf(style)
  pen.fillStyle = style.color
  pen.letterSpacing = style.letterSpacing === 'normal' ? '0px' : style.letterSpacing
  const atRight = style.textAlign === 'right'
  pen.textAlign = atRight ? 'right' : 'left'
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = pen.measureText('x')
  const range = document.createRange()
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index)
    range.setEnd(node, index + word.length)
    const { left, right, top, width, height } = range.getBoundingClientRect()
    // Figures of a canvas have widths of their own: those that stand right on the page do so in the picture.
    if (width > 0) pen.fillText(word, atRight ? right : left, top + (height - ascent - descent) / 2 + ascent)
  }
}

function drawShape(pen: Pen, shape: SVGGraphicsElement, style: CSSStyleDeclaration, toCanvas: DOMMatrix): void {
  const matrix = shape.getScreenCTM()
  if (!matrix) return
  pen.save()
  pen.setTransform(toCanvas.multiply(matrix))
  pen.lineWidth = parseFloat(style.strokeWidth) || 1
  pen.lineJoin = 'round'
  pen.setLineDash((style.strokeDasharray.match(/[\d.]+/g) ?? []).map(Number))
  const [fill, stroke] = [style.fill, style.stroke]
  if (shape instanceof SVGTextElement) {
    pen.font = fontOf(style)
    pen.textAlign = style.textAnchor === 'middle' ? 'center' : style.textAnchor === 'end' ? 'right' : 'left'
    const [x, y] = [shape.x.baseVal[0]?.value ?? 0, shape.y.baseVal[0]?.value ?? 0]
    const words = shape.textContent.trim()
    pen.setLineDash([])
    if (stroke !== 'none') {
      pen.strokeStyle = stroke
      pen.strokeText(words, x, y)
    }
    pen.fillStyle = fill
    pen.fillText(words, x, y)
  } else {
    const path = pathOf(shape)
    if (path && fill !== 'none') {
      pen.fillStyle = fill
      pen.fill(path)
    }
    if (path && stroke !== 'none' && parseFloat(style.strokeWidth) > 0) {
      pen.strokeStyle = stroke
      pen.stroke(path)
    }
  }
  pen.restore()
}

function pathOf(shape: SVGGraphicsElement): Path2D | undefined {
  const path = new Path2D()
  if (shape instanceof SVGRectElement) {
    const { x, y, width, height, rx } = shape
    path.roundRect(x.baseVal.value, y.baseVal.value, width.baseVal.value, height.baseVal.value, rx.baseVal.value)
    return path
  }
  if (shape instanceof SVGLineElement) {
    path.moveTo(shape.x1.baseVal.value, shape.y1.baseVal.value)
    path.lineTo(shape.x2.baseVal.value, shape.y2.baseVal.value)
    return path
  }
  return shape instanceof SVGPathElement ? new Path2D(shape.getAttribute('d') ?? '') : undefined
}

const fontOf = ({ fontWeight, fontSize, fontFamily }: CSSStyleDeclaration, size?: number): string =>
  `${size ? 400 : fontWeight} ${size ? `${size}px` : fontSize} ${fontFamily}`
