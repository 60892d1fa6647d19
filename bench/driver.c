/* Makes the memory calls that kernel-beside.js makes on the model, on the kernel it runs on, and times only them. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE 4096UL
#define BASE (1UL << 40)

static sigjmp_buf refused;
static void on_fault(int sig) { (void)sig; siglongjmp(refused, 1); }

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static uint32_t state = 12345;
/* The generator of kernel-beside.js: both see the same calls. */
static uint32_t below(uint32_t n)
{
	state = state * 1103515245u + 12345u;
	return (state >> 8) % n;
}

static double random_calls(int n)
{
	double start = now();
	for (int i = 0; i < n; i++) {
		unsigned long at = BASE + below(65536) * PAGE, length = (1 + below(64)) * PAGE;
		switch (below(6)) {
		case 0: mmap((void *)at, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); break;
		case 1: munmap((void *)at, length); break;
		case 2: mprotect((void *)at, length, below(2) ? PROT_READ : PROT_READ | PROT_WRITE); break;
		case 3: madvise((void *)at, length, MADV_DONTNEED); break;
		case 4:
			if (!sigsetjmp(refused, 0))
				for (unsigned long p = at; p < at + length; p += PAGE) *(volatile unsigned long *)p = 1;
			break;
		default: mremap((void *)at, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)(BASE + below(65536) * PAGE));
		}
	}
	return now() - start;
}

static int by_value(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

/* The median time of moving 1 GiB to and fro, one page off. */
static double move_gib(int n)
{
	unsigned long length = 1UL << 30, a = 4 * BASE, b = 8 * BASE + PAGE;
	double times[64];
	void *p = mmap((void *)a, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (p == MAP_FAILED) return -1;
	madvise(p, length, MADV_NOHUGEPAGE);
	memset(p, 1, length);
	for (int i = 0; i < n; i++) {
		unsigned long from = i % 2 ? b : a, to = i % 2 ? a : b;
		double start = now();
		if (mremap((void *)from, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)to) == MAP_FAILED) return -1;
		times[i] = now() - start;
	}
	qsort(times, n, sizeof *times, by_value);
	return times[n / 2];
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	sigaction(SIGSEGV, &sa, 0);
	sigaction(SIGBUS, &sa, 0);
	double random = random_calls(100000);
	printf("{\"random\":%.0f,\"gib\":%.1f}\n", random, move_gib(20));
	return 0;
}
