// The module `socket` of docs/abi.md, which states every contract.
export declare function tcpListen(port: i32, backlog: i32): i32;
export declare function tcpAccept(handle: i32): i32;
export declare function tcpConnect(address: usize, length: i32, port: i32): i32;
export declare function tcpRead(handle: i32, address: usize, capacity: i32): i32;
export declare function tcpWrite(handle: i32, address: usize, length: i32): i32;
export declare function tcpShutdown(handle: i32): void;
export declare function udpOpen(port: i32): i32;
export declare function udpSend(
  handle: i32,
  address: usize,
  length: i32,
  port: i32,
  data: usize,
  dataLength: i32,
): i32;
export declare function udpReceive(handle: i32, data: usize, capacity: i32): i32;
export declare function peer(handle: i32, address: usize): i32;
export declare function peerPort(handle: i32): i32;
export declare function localPort(handle: i32): i32;
export declare function close(handle: i32): void;
export declare function reset(handle: i32): void;
