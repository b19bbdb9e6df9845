/* A join storm: all are greeted, then all join one room, and each has to end with the right list
   of members: those whom its `joined` counted, and everybody who came after it. */
#define _GNU_SOURCE
#include "load.h"

int storming;

void storm_joined(struct conn *c, const char *frame, size_t len) { (void)c; (void)frame; (void)len; }
void storm_presence(struct conn *c, const char *frame, size_t len) { (void)c; (void)frame; (void)len; tally.presences++; }
void storm_members(struct conn *c, const char *frame, size_t len) { (void)c; (void)frame; (void)len; }
void run_storm(void) { fail("not yet"); }
