/*
 * tests/wire/test_digest.c - digests and HMAC against published vectors (FIPS 180-4, RFC 1321, 2202, 4231), in one go and
 * in pieces, in several threads.
 */
#include "core/text.h"
#include "core/wire/parts.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const nephi_digest_class *const digest = &nephi_digest_openssl;

static const struct {
    int32_t algorithm;
    const char *text, *hex;
} digests[] = {
    {NEPH_DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
    {NEPH_DIGEST_MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
    {NEPH_DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {NEPH_DIGEST_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {NEPH_DIGEST_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {NEPH_DIGEST_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {NEPH_DIGEST_SHA512, "abc",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static void assert_hex(const unsigned char *bytes, int size, const char *hex)
{
    char text[NEPH_DIGEST_HEX_MAX];
    assert_true(size > 0 && size <= NEPH_DIGEST_MAX);
    nephi_hex(text, bytes, (size_t)size);
    assert_string_equal(text, hex);
}

static void test_digest__agrees_with_the_published_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
        unsigned char out[NEPH_DIGEST_MAX];
        int size =
            digest->once(digests[i].algorithm, digests[i].text, strlen(digests[i].text), out);
        assert_hex(out, size, digests[i].hex);
    }
}

static void test_digest__is_the_same_in_pieces_and_ready_for_the_next_message(void **state)
{
    nephi_memory memory;
    (void)state;
    nephi_memory_init(&memory, NULL);
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
        unsigned char out[NEPH_DIGEST_MAX];
        nephi_digest *one;
        assert_int_equal(digest->create(&one, &memory, digests[i].algorithm), 0);
        for (int round = 0; round < 2; round++) {
            for (const char *at = digests[i].text; *at; at++)
                assert_int_equal(digest->update(one, at, 1), 0);
            assert_hex(out, digest->finish(one, out), digests[i].hex);
        }
        digest->destroy(one);
    }
}

static const struct {
    int32_t algorithm;
    int key_byte; /* the key is key_size of them; 0: key_text */
    size_t key_size;
    const char *key_text, *data, *hex;
} hmacs[] = {
    {NEPH_DIGEST_SHA256, 0x0b, 20, NULL, "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {NEPH_DIGEST_SHA256, 0, 4, "Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {NEPH_DIGEST_SHA256, 0xaa, 131, NULL, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {NEPH_DIGEST_SHA512, 0, 4, "Jefe", "what do ya want for nothing?",
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {NEPH_DIGEST_SHA1, 0x0b, 20, NULL, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"},
    {NEPH_DIGEST_MD5, 0, 4, "Jefe", "what do ya want for nothing?",
     "750c783e6ab0b503eaa86e310a5db738"},
};

static void test_digest__hmac_agrees_with_the_published_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hmacs / sizeof *hmacs; i++) {
        unsigned char key[200], out[NEPH_DIGEST_MAX];
        int size;
        if (hmacs[i].key_text)
            memcpy(key, hmacs[i].key_text, hmacs[i].key_size);
        else
            memset(key, hmacs[i].key_byte, hmacs[i].key_size);
        size = digest->hmac(hmacs[i].algorithm, key, hmacs[i].key_size, hmacs[i].data,
                            strlen(hmacs[i].data), out);
        assert_hex(out, size, hmacs[i].hex);
    }
}

static void test_digest__refuses_algorithms_it_does_not_have(void **state)
{
    static const int32_t numbers[] = {-1, 0, NEPH_DIGEST_CRC64NVME + 1, 1000};
    nephi_memory memory;
    (void)state;
    nephi_memory_init(&memory, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        unsigned char out[NEPH_DIGEST_MAX];
        nephi_digest *one = NULL;
        assert_int_equal(digest->once(numbers[i], "", 0, out), NEPH_UNSUPPORTED);
        assert_int_equal(digest->hmac(numbers[i], "", 0, "", 0, out), NEPH_UNSUPPORTED);
        assert_int_equal(digest->create(&one, &memory, numbers[i]), NEPH_UNSUPPORTED);
        assert_null(one);
    }
}

static void test_digest__random_bytes_differ(void **state)
{
    unsigned char a[32] = {0}, b[32] = {0};
    (void)state;
    assert_int_equal(digest->random(a, sizeof a), 0);
    assert_int_equal(digest->random(b, sizeof b), 0);
    assert_memory_not_equal(a, b, sizeof a);
}

static void *thread_run(void *user)
{
    int *wrong = user;
    for (int i = 0; i < 2000; i++) {
        unsigned char out[NEPH_DIGEST_MAX];
        char hex[NEPH_DIGEST_HEX_MAX];
        size_t which = (size_t)i % (sizeof digests / sizeof *digests);
        int size = digest->once(digests[which].algorithm, digests[which].text,
                                strlen(digests[which].text), out);
        if (size <= 0)
            (*wrong)++;
        else if (nephi_hex(hex, out, (size_t)size) && strcmp(hex, digests[which].hex) != 0)
            (*wrong)++;
    }
    return NULL;
}

static void test_digest__threads_do_not_disturb_each_other(void **state)
{
    pthread_t threads[4];
    int wrong[4] = {0, 0, 0, 0};
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, thread_run, &wrong[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest__agrees_with_the_published_vectors),
        cmocka_unit_test(test_digest__is_the_same_in_pieces_and_ready_for_the_next_message),
        cmocka_unit_test(test_digest__hmac_agrees_with_the_published_vectors),
        cmocka_unit_test(test_digest__refuses_algorithms_it_does_not_have),
        cmocka_unit_test(test_digest__random_bytes_differ),
        cmocka_unit_test(test_digest__threads_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
