/** Tag of the orientation (TIFF 6.0, page 36), and the types its value is found stored in. */
const ORIENTATION = 0x0112;
const [BYTE, SHORT, LONG] = [1, 3, 4];

/**
 * Reads the orientation from Exif data: a TIFF header, whose first directory may lie anywhere. Data
 * that are broken say nothing about the pixels, so the image counts as upright.
 *
 * @param exif The data, from the TIFF header on.
 * @returns 1..8; 1 is upright.
 */
export function exifOrientation(exif: Uint8Array): number {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  try {
    const order = view.getUint16(0);
    if (order !== 0x4949 && order !== 0x4d4d) return 1;
    const little = order === 0x4949;
    if (view.getUint16(2, little) !== 42) return 1;
    const directory = view.getUint32(4, little);
    const entries = view.getUint16(directory, little);
    for (let at = directory + 2; at < directory + 2 + 12 * entries; at += 12) {
      if (view.getUint16(at, little) !== ORIENTATION) continue;
      const value = readValue(view, at, little);
      return value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
  } catch (error) {
    // DataView throws a RangeError for an offset outside of the data.
    if (error instanceof RangeError) return 1;
    throw error;
  }
}

/** The whole number that an entry at `at` holds; 0 for another type. */
function readValue(view: DataView, at: number, little: boolean): number {
  switch (view.getUint16(at + 2, little)) {
    case BYTE:
      return view.getUint8(at + 8);
    case SHORT:
      return view.getUint16(at + 8, little);
    case LONG:
      return view.getUint32(at + 8, little);
    default:
      return 0;
  }
}
