/*
 * tests/support/server.h - a small HTTP/1.1 server on loopback (or a Unix socket, or TLS) whose misbehaviour is scripted: one
 * thread for each connection, one function that serves it.
 */
#ifndef TEST_SERVER_H
#define TEST_SERVER_H

#include <pthread.h>
#include <stddef.h>

#define TEST_HEAD_MAX 16384

typedef struct test_server test_server;

/* A connection and the request that was read last. */
typedef struct test_connection {
    test_server *server;
    struct test_connection *next;
    pthread_t thread;
    int fd;
    void *tls;
    int number;   /* of the connection, from 1 */
    int requests; /* read on it so far */
    char head[TEST_HEAD_MAX];
    char *body;
    size_t body_size;
    char rest[TEST_HEAD_MAX]; /* read and not used yet */
    size_t rest_size;
} test_connection;

typedef void (*test_serve_fn)(test_connection *connection);

struct test_server {
    test_serve_fn serve;
    int fd, port;
    char path[108];   /* of a Unix socket */
    char ca_file[64]; /* TLS: its certificate */
    void *tls;
    int stop;
    pthread_t thread;
    pthread_mutex_t lock;
    test_connection *all;
    int connections, requests;
};

enum {
    TEST_SERVER_TCP = 0,
    TEST_SERVER_UNIX = 1,
    TEST_SERVER_TLS = 2,
    TEST_SERVER_OLD_TLS = 3,
    TEST_SERVER_EXPIRED = 4
};

/* 0, or -1. serve is called once for each connection; it ends when serve returns. */
int test_server_start(test_server *server, int kind, test_serve_fn serve);
/* Ends all connections, waits for their threads. */
void test_server_stop(test_server *server);

/* 1; 0: the connection was closed. */
int test_read_head(test_connection *connection);
/* By Content-Length or chunks, NUL added. 1, or 0. */
int test_read_body(test_connection *connection);
/* Is a byte there within so many milliseconds? */
int test_has_input(test_connection *connection, int timeout_ms);
int test_write(test_connection *connection, const char *data, size_t size);
int test_write_text(test_connection *connection, const char *text);
/* Status line, Content-Length and body. status: "200 OK\r\nX-More: 1". */
int test_answer(test_connection *connection, const char *status, const char *body);
/* Closes with a reset. */
void test_reset(test_connection *connection);
/* Does the request line begin with this ("GET /a ")? */
int test_is(const test_connection *connection, const char *begin);

#endif
