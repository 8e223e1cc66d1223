import { get16, get32 } from "disk";

/**
 * The boot sector: where things are. After "FAT: General Overview of On-Disk Format", Microsoft, version 1.03, pages 7 to
 * 14; that a volume is FAT32 is told by its size of a FAT, as Linux has it, since tools make small ones, too.
 */
export class Boot {
  /** Bytes of a sector, and sectors of a cluster: powers of two. */
  sectorSize: i32 = 0;
  clusterSectors: i32 = 0;
  /** First sector of the first FAT, sectors of each, and how many there are. */
  tableStart: u32 = 0;
  tableSectors: u32 = 0;
  tables: i32 = 0;
  /** The one FAT that counts, or -1 when all are the same. */
  activeTable: i32 = -1;
  /** First sector of the first cluster, which has the number 2. */
  dataStart: u32 = 0;
  /** How many clusters there are. */
  clusters: u32 = 0;
  rootCluster: u32 = 0;
  /** Sector of the free cluster count, 0 for none. */
  infoSector: u32 = 0;

  /** Null when the sector, of 512 bytes at least, is not that of a FAT32 volume which fits on a disk of `bytes`. */
  static read(sector: Uint8Array, bytes: u64): Boot | null {
    if (get16(sector, 510) != 0xaa55) return null;
    const boot = new Boot();
    const reserved = get16(sector, 14);
    // Volumes below 32 MiB have their sectors counted where FAT16 has it.
    const few = get16(sector, 19);
    const total = few != 0 ? few : get32(sector, 32);
    boot.sectorSize = <i32>get16(sector, 11);
    boot.clusterSectors = <i32>sector[13];
    boot.tables = <i32>sector[16];
    boot.tableSectors = get32(sector, 36);
    boot.rootCluster = get32(sector, 44);
    boot.infoSector = get16(sector, 48);
    if (!isPower(boot.sectorSize) || boot.sectorSize < 512 || boot.sectorSize > 4096) return null;
    if (!isPower(boot.clusterSectors) || reserved == 0) return null;
    if (boot.tables < 1 || boot.tables > 2) return null;
    // 0 in what FAT12 and FAT16 use: entries of the root folder, sectors of a FAT. Version 0.
    if (get16(sector, 17) != 0 || get16(sector, 22) != 0) return null;
    if (get16(sector, 42) != 0 || boot.tableSectors == 0) return null;
    const flags = get16(sector, 40);
    if ((flags & 0x80) != 0) boot.activeTable = <i32>(flags & 15);
    if (boot.activeTable >= boot.tables) return null;

    boot.tableStart = reserved;
    const dataStart = <u64>reserved + <u64>boot.tableSectors * <u64>boot.tables;
    if (dataStart >= <u64>total || <u64>total * <u64>boot.sectorSize > bytes) return null;
    boot.dataStart = <u32>dataStart;
    const room = ((<u64>boot.tableSectors * <u64>boot.sectorSize) >> 2) - 2;
    boot.clusters = <u32>((<u64>total - dataStart) / <u64>boot.clusterSectors);
    if (boot.clusters == 0 || <u64>boot.clusters > room || boot.clusters > MOST) return null;
    if (boot.infoSector >= reserved || boot.infoSector == 0xffff) boot.infoSector = 0;
    return boot.isCluster(boot.rootCluster) ? boot : null;
  }

  isCluster(number: u32): bool {
    return number >= 2 && number - 2 < this.clusters;
  }

  get clusterSize(): i32 {
    return this.clusterSectors * this.sectorSize;
  }

  sectorOf(cluster: u32): u32 {
    return this.dataStart + (cluster - 2) * <u32>this.clusterSectors;
  }
}

/** Numbers of clusters have 28 bits, of which the highest are marks. */
const MOST: u32 = 0x0ffffff5;

function isPower(value: i32): bool {
  return value > 0 && (value & (value - 1)) == 0;
}
