/*
 * Sends frames of one length as fast as the kernel takes them: sendmmsg, 64 a call, past the qdisc (PACKET_QDISC_BYPASS).
 *
 *   blaster DEVICE DESTINATION-MAC SOURCE-MAC LENGTH SECONDS FLOWS
 *
 * Every frame is an IPv4 UDP packet from 10.0.0.2 to 203.0.113.0 port 7000; FLOWS source ports from 10000 on come in
 * turn. Prints how many frames it has sent. It counts nothing that arrives: that is read at the other end.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef SOL_PACKET
#define SOL_PACKET 263
#endif

enum { BATCH = 64, CAPACITY = 2048, LINK = 14, IP = 20, SOURCE_PORT = LINK + IP, FIRST_PORT = 10000 };

static uint8_t frames[BATCH][CAPACITY];
static struct mmsghdr messages[BATCH];
static struct iovec pieces[BATCH];

static void put16(uint8_t *at, unsigned value) {
  at[0] = value >> 8;
  at[1] = value;
}

static void address(uint8_t *at, const char *text) {
  unsigned part[6];
  if (sscanf(text, "%x:%x:%x:%x:%x:%x", part, part + 1, part + 2, part + 3, part + 4, part + 5) != 6) exit(2);
  for (int i = 0; i < 6; i++) at[i] = part[i];
}

static unsigned headerSum(const uint8_t *header) {
  unsigned sum = 0;
  for (int i = 0; i < IP; i += 2) sum += header[i] << 8 | header[i + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

static void build(uint8_t *frame, const char *to, const char *from, int length) {
  uint8_t *ip = frame + LINK;
  address(frame, to);
  address(frame + 6, from);
  put16(frame + 12, 0x0800);
  ip[0] = 0x45;
  put16(ip + 2, length - LINK);
  put16(ip + 6, 0x4000);
  ip[8] = 64;
  ip[9] = IPPROTO_UDP;
  memcpy(ip + 12, (uint8_t[]){10, 0, 0, 2, 203, 0, 113, 0}, 8);
  put16(ip + 10, headerSum(ip));
  put16(frame + SOURCE_PORT, FIRST_PORT);
  put16(frame + SOURCE_PORT + 2, 7000);
  put16(frame + SOURCE_PORT + 4, length - LINK - IP);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **words) {
  if (count != 7) return 2;
  int length = atoi(words[4]);
  double end = now() + atof(words[5]);
  unsigned flows = atoi(words[6]), next = 0;
  struct sockaddr_ll place = {.sll_family = AF_PACKET, .sll_protocol = 0, .sll_ifindex = if_nametoindex(words[1])};
  int on = 1, handle = socket(AF_PACKET, SOCK_RAW, 0);
  if (handle < 0 || bind(handle, (struct sockaddr *)&place, sizeof place) < 0 ||
      setsockopt(handle, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) < 0) {
    perror("blaster");
    return 1;
  }
  for (int i = 0; i < BATCH; i++) {
    build(frames[i], words[2], words[3], length);
    pieces[i] = (struct iovec){frames[i], length};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = pieces + i, .msg_iovlen = 1};
  }
  unsigned long sent = 0;
  while (now() < end) {
    for (int i = 0; i < BATCH; i++) put16(frames[i] + SOURCE_PORT, FIRST_PORT + next++ % flows);
    int taken = sendmmsg(handle, messages, BATCH, 0);
    if (taken > 0) sent += taken;
  }
  printf("%lu\n", sent);
  return 0;
}
