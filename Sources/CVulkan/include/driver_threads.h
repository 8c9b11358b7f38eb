// What Swift's Glibc module lacks to name threads and bind them to cores.
#ifndef PUMICE_DRIVER_THREADS_H
#define PUMICE_DRIVER_THREADS_H

// Cores the calling thread may run on.
int pumice_allowed_core_count(void);

// Lets a thread of this process run on the index-th of those cores only. Returns 0 or an errno.
int pumice_bind_thread(int thread, int index);

// The calling thread's name, of at most 15 bytes.
void pumice_get_thread_name(char name[16]);
void pumice_set_thread_name(const char *name);

#endif
